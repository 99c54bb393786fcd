-- Drops a failure group whose last image was forgotten.
-- KEYS[1] the owner's failure groups  KEYS[2] owners with failures
-- owner, group
dropFailureGroup(KEYS[1], KEYS[2], fields.group)
return 1
