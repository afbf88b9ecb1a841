-- nothing of a name is offered any more; what was published stays in the history
UPDATE sharing.publications SET withdrawn_at = $now, withdrawn_by = $by WHERE name = $name AND withdrawn_at IS NULL
