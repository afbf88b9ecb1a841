-- Places by name, with and without what kind of place they are; whether the name is exactly the one that was asked for.
WITH named (geoid, name) AS ({names}), spelled AS (
    SELECT geoid, name, lower(strip_accents(trim(name))) AS given,
        regexp_replace(lower(strip_accents(trim(name))),
            ' (county|parish|borough|census area|municipality|city and borough|planning region)$', '') AS bare
    FROM named
), asked AS (
    SELECT lower(strip_accents(trim(?))) AS given, -- noqa: LT01
        regexp_replace(lower(strip_accents(trim(?))), -- noqa: LT01
            ' (county|parish|borough|census area|municipality|city and borough|planning region)$', '') AS bare
)
SELECT geoid, max_by(name, length(name)) AS name, any_value(state_abbr), bool_or(spelled.given = asked.given)
FROM spelled
JOIN asked ON spelled.bare = asked.bare OR spelled.given = asked.given
LEFT JOIN reference.states ON state_fips = left(geoid, 2)
WHERE ?::VARCHAR IS NULL OR left(geoid, 2) = ?
GROUP BY geoid
ORDER BY geoid
