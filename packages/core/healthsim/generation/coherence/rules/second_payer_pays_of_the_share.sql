-- The second payer of a claim pays some of the share that the first leaves to the member, of paid claims only.
-- severity: fail
-- columns: claims.secondary_paid, claims.member_responsibility
SELECT claim_id AS id, status, member_responsibility, secondary_paid, secondary_member_id
FROM claims
WHERE secondary_paid < 0 OR secondary_paid > member_responsibility OR (secondary_paid > 0 AND status IN ('denied', 'pended', 'reversed'))
    OR (secondary_paid <> 0 AND secondary_member_id IS NULL)
