UPDATE main.scenarios
SET updated_at = $now, entity_count = $count, entity_counts = $counts,
    envelope = CASE WHEN $keep_envelope OR envelope IS NULL THEN envelope ELSE json_merge_patch(envelope, '{"provenance_summary": null}') END
WHERE {here}
