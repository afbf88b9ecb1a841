-- A day as the key of dim_date: 2024-03-15 is 20240315.
-- of: day
year({day}) * 10000 + month({day}) * 100 + day({day})
