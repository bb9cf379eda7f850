-- One row holds all entries that one write added to a session: mappings, and marks of opaque parts.
ALTER TABLE session_mapping RENAME TO session_entries;
ALTER TABLE session_point RENAME COLUMN mappings TO entries;

-- Whatever ended was created before the limit that ended it, so `session_created` finds it too; an index on `used`
-- would be written anew with every turn.
DROP INDEX session_used;
