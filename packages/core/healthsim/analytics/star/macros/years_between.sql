-- Whole years from one day to a later one, both as keys of dim_date.
-- of: earlier, later
({later} - {earlier}) // 10000
