-- One row per span of coverage, in the order of enrolment and eligibility: payer, group or provider, subscriber, who it is,
-- beginning. A transaction set has at most $size members of one payer and one {partner}. A member begins anew with each
-- span that says something else of the person.
CREATE OR REPLACE TEMP TABLE written_order AS
WITH told AS (
    SELECT
        m.insured_id, m.payer_name AS payer, m.member_number, m.subscriber_id AS family, m.coverage_start,
        coalesce(pcp.party_id, 'nobody') AS pcp_id, s.insured_id IS NULL AS is_self,
        coalesce(s.subscriber_insured_id, m.insured_id) AS subscriber_id, coalesce({partner}, '') AS partner,
        {person} AS person
    FROM x12_insured AS m
    LEFT JOIN x12_parties AS pcp ON pcp.party_id = 'provider ' || m.pcp_provider_id
    LEFT JOIN x12_subscribers AS s USING (insured_id)
    WHERE m.insured_id LIKE 'member %'
),
numbered AS (
    SELECT
        *, (dense_rank() OVER (PARTITION BY payer, partner ORDER BY family) - 1) // $size AS set_number
    FROM told
),
placed AS (
    SELECT
        *, row_number() OVER (
            ORDER BY payer, partner, set_number, family, is_self DESC, member_number, coverage_start, insured_id
        ) AS position
    FROM numbered
)
SELECT
    position, insured_id, subscriber_id, pcp_id, is_self, opened.new_set,
    opened.new_set OR (family, is_self) <> before_family AS new_family, opened.new_set OR (family, is_self, person) <> before_member AS new_member
FROM (
    SELECT
        *, coalesce((payer, partner, set_number) <> lag((payer, partner, set_number)) OVER ordered, TRUE) AS new_set,
        lag((family, is_self)) OVER ordered AS before_family, lag((family, is_self, person)) OVER ordered AS before_member
    FROM placed
    WINDOW ordered AS (ORDER BY position)
) AS opened
ORDER BY position
