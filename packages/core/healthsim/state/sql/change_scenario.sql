-- a change is later than the one before it, whatever the clock says
UPDATE main.scenarios
SET name = $name, updated_at = greatest($now, updated_at + INTERVAL 1 MICROSECOND)
WHERE {here}
