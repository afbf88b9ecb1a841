-- One row per facility: index admissions, and how many were followed by another admission within 30 days.
SELECT
    coalesce(h.name, 'Unknown') AS facility,
    sum(f.inpatient_count) AS admissions, sum(f.index_admission_count) AS index_admissions,
    sum(f.readmission_30_day_count) AS readmissions_30_day,
    100.0 * sum(f.readmission_30_day_count) / nullif(sum(f.index_admission_count), 0) AS rate_30_day,
    100.0 * sum(f.readmission_7_day_count) / nullif(sum(f.index_admission_count), 0) AS rate_7_day,
    1.0 * sum(f.days_to_readmission) FILTER (WHERE f.readmission_30_day_count = 1)
        / nullif(sum(f.readmission_30_day_count), 0) AS days_to_readmission
FROM analytics.fact_encounter AS f
LEFT JOIN analytics.dim_facility AS h ON h.facility_key = f.facility_key
WHERE f.scenario_key = $scenario AND f.inpatient_count = 1
GROUP BY coalesce(h.name, 'Unknown')
ORDER BY index_admissions DESC, facility
