-- One row per laboratory report: what its results have in common; its code is that of the order, where it is one.
WITH panel AS (
    SELECT report_id, min(code) AS panel_code, min(description) AS panel
    FROM {report_orders}
    GROUP BY report_id
    HAVING count(*) = 1 AND coalesce(min(code_system), 'LOINC') = 'LOINC'
)
SELECT
    r.patient_ordinal,
    r.report_id,
    any_value(r.owner_id) AS owner_id,
    min(r.encounter_id) AS encounter_id,
    min(r.collected_datetime) AS collected_datetime,
    max(r.resulted_datetime) AS resulted_datetime,
    min(r.ordering_provider_id) AS ordering_provider_id,
    min(e.facility_id) AS facility_id,
    min(p.panel_code) AS panel_code,
    min(p.panel) AS panel
FROM {report_results} AS r
LEFT JOIN {encounters} AS e ON e.encounter_id = r.encounter_id
LEFT JOIN panel AS p ON p.report_id = r.report_id
GROUP BY r.patient_ordinal, r.report_id
