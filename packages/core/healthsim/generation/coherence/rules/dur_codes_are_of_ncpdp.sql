-- The codes of an alert are of NCPDP's form: two letters for why, two characters for what was done and for what came of it.
-- severity: fail when generated
-- columns: dur_alerts.reason_for_service_code, dur_alerts.professional_service_code,
--   dur_alerts.result_of_service_code, dur_alerts.clinical_significance_code
SELECT
    dur_alert_id AS id, reason_for_service_code, professional_service_code, result_of_service_code,
    clinical_significance_code
FROM dur_alerts
WHERE NOT regexp_full_match(reason_for_service_code, '[A-Z]{2}')
    OR NOT regexp_full_match(professional_service_code, '[A-Z0-9]{2}')
    OR NOT regexp_full_match(result_of_service_code, '[1-4][A-Z]|00')
    OR clinical_significance_code NOT IN ('1', '2', '3', '9')
