-- every row of a table that can be seen
INSERT INTO {into}
SELECT $type, {id}
{rows}
