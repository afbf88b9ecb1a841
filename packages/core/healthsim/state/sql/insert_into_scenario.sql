-- rows of a scenario, by the names of their columns; which one it is, and when they were written, is not for a source to say
INSERT INTO main.{table} BY NAME
SELECT $target::UUID AS scenario_id{stamp}, made.*
FROM (
{select}
) AS made
