-- One row per span of coverage of a range of positions: sponsor and payer where a transaction set opens, the person where
-- a member begins, and the coverage.
SELECT
    o.new_set, CASE WHEN o.new_set THEN {header} END AS header, CASE WHEN o.new_member THEN {member} ELSE '' END AS member,
    {coverage} AS coverage, o.new_member, CASE WHEN o.new_member THEN {member_changed} ELSE 0 END + {coverage_changed} AS changed
FROM written_order AS o
JOIN x12_insured AS m USING (insured_id)
LEFT JOIN x12_parties AS pcp ON pcp.party_id = o.pcp_id
WHERE o.position > $after AND o.position <= $until
ORDER BY o.position
