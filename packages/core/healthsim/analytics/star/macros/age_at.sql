-- Age on a day, at most 120, from the keys of both days; -1 where one of them is not known, and before birth.
-- of: birth, day
CASE WHEN {birth} BETWEEN 0 AND {day} THEN least(120, {years_between({birth}, {day})}) ELSE -1 END
