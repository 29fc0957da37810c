"""A conversation answers from its messages, and adding one gives a new conversation."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="Conversation answers a question about its messages wrongly",
    claim="last_user_message, last_assistant_message and message_count follow from messages; with_message appends to a copy.",
    source="docs/api/context-submodules.md#conversation",
    component="stageflow.context.Conversation",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="The model is asked about another message than the user's last one.",
    recommendation="Search from the end of messages, and copy the list before appending.",
)

TALKS = {
    "empty": [],
    "system only": ["system"],
    "user only": ["user"],
    "both": ["user", "assistant"],
    "several": ["system", "user", "assistant", "user", "assistant", "user"],
    "ends with assistant": ["user", "user", "assistant", "assistant"],
}
CASES = tuple(Case(name, {"roles": roles}) for name, roles in TALKS.items())


class Talk:
    """The same answers from a list."""

    def __init__(self, messages, routing_decision=None):
        self.messages, self.routing_decision = list(messages), routing_decision

    def _last(self, role):
        return next((message for message in reversed(self.messages) if message.role == role), None)

    last_user_message = property(lambda self: self._last("user"))
    last_assistant_message = property(lambda self: self._last("assistant"))
    message_count = property(lambda self: len(self.messages))

    def with_message(self, message):
        return Talk([*self.messages, message], self.routing_decision)


def text(message):
    return message and message.content


def last(roles, role):
    """Position of the last message of a role, as text; None without."""
    found = [str(n) for n, other in enumerate(roles) if other == role]
    return found[-1] if found else None


def answers(talk):
    return [text(talk.last_user_message), text(talk.last_assistant_message), talk.message_count, [text(m) for m in talk.messages]]


def verdict(make, roles):
    message, decision = need("stageflow.context:Message"), need("stageflow.context:RoutingDecision")("a", "p", "t")
    talk = make(messages=[message(role, str(n)) for n, role in enumerate(roles)], routing_decision=decision)
    longer = talk.with_message(message("tool", "new"))
    told = [str(n) for n in range(len(roles))]
    wanted = [last(roles, "user"), last(roles, "assistant"), len(roles), told]
    expect_equal(answers(talk), wanted, "last user message, last assistant message, count and all messages")
    seen = [text(m) for m in longer.messages] + [longer.routing_decision is decision]
    expect_equal(seen, [*told, "new", True], "messages of the copy with one more, and whether the routing decision is kept")


@promised
def scenario(params):
    verdict(need("stageflow.context:Conversation"), params["roles"])


def control(params):
    verdict(Talk, params["roles"])
