SELECT entity_type, count(*) FROM moved WHERE is_gone GROUP BY entity_type ORDER BY min(position)
