"""Plants small faults in a copy of the target and tells which ones no probe notices."""
