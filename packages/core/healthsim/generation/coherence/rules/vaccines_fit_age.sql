-- Vaccines are given at the ages (in months) for which they are licensed or recommended.
-- severity: fail
-- columns: immunizations.cvx_code, immunizations.administered_date, patients.birth_date
WITH ages (cvx, youngest, oldest) AS (
    VALUES
        -- rotavirus; DTaP and its combinations; Tdap and Td
        (116, 1, 8), (119, 1, 8), (122, 1, 8),
        (20, 1, 83), (106, 1, 83), (107, 1, 83), (110, 1, 83), (120, 1, 83), (130, 1, 83), (146, 1, 83),
        (115, 84, 1560), (9, 84, 1560), (113, 84, 1560), (138, 84, 1560), (139, 84, 1560),
        -- measles, varicella, hepatitis A and B
        (3, 6, 1560), (94, 11, 156), (21, 11, 1560),
        (83, 6, 228), (52, 216, 1560), (8, 0, 240), (43, 216, 1560), (189, 216, 1560),
        -- HPV, meningococci, pneumococci
        (62, 108, 551), (118, 108, 551), (137, 108, 551), (165, 108, 551),
        (114, 9, 1560), (136, 2, 1560), (203, 24, 1560), (162, 120, 1560), (163, 120, 1560), (33, 24, 1560),
        -- zoster, influenza for the elderly and for all, RSV
        (121, 600, 1560), (187, 216, 1560), (135, 780, 1560), (197, 780, 1560), (168, 780, 1560), (205, 780, 1560),
        (140, 6, 1560), (150, 6, 1560), (158, 6, 1560), (161, 6, 36), (171, 6, 1560), (185, 216, 1560),
        (303, 600, 1560), (305, 216, 1560), (306, 0, 24), (307, 0, 24),
        -- COVID-19, of 2023 and newer
        (308, 6, 59), (310, 60, 143), (309, 144, 1560), (311, 6, 143), (312, 144, 1560), (313, 144, 1560)
)
SELECT i.immunization_id AS id, i.cvx_code, datesub('month', p.birth_date, i.administered_date) AS age_in_months
FROM immunizations AS i
JOIN ages AS a ON a.cvx = try_cast(i.cvx_code AS INTEGER)
JOIN lives AS p ON p.patient_id = i.patient_id
WHERE datesub('month', p.birth_date, i.administered_date) NOT BETWEEN a.youngest AND a.oldest
