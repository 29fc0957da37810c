"""From a violated case to a confirmed finding: reproduce, blame, bundle, fingerprint, severity."""
