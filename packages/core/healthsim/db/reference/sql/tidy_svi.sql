SELECT {release}, {level}, geoid, e.variable, e."value"
FROM (
    SELECT geoid, unnest([
        {values}
    ]) AS e
    FROM {table}
)
