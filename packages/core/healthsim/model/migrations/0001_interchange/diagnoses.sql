ALTER TABLE diagnoses ADD COLUMN category VARCHAR;
ALTER TABLE diagnoses ADD COLUMN on_problem_list BOOLEAN;
ALTER TABLE diagnoses ADD COLUMN clinical_status VARCHAR;
ALTER TABLE diagnoses ADD COLUMN verification_status VARCHAR;
