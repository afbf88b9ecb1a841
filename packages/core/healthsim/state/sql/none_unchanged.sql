CREATE OR REPLACE TEMP TABLE unchanged (position BIGINT, is_read BOOLEAN)
