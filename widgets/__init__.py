"""Qt widgets that know small values: setters in, signals out; a setter never emits."""
