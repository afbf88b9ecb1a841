-- The Luhn sum of a number in digits, modulo 10: 0 when its last digit is the right check digit.
CREATE OR REPLACE TEMP MACRO luhn_remainder(digits) AS
    list_sum(list_transform( -- noqa: LT01
        string_split(reverse(digits), ''),
        lambda digit, place: CASE
            WHEN place % 2 = 1 THEN try_cast(digit AS INTEGER)
            WHEN digit > '4' THEN 2 * try_cast(digit AS INTEGER) - 9
            ELSE 2 * try_cast(digit AS INTEGER)
        END
    )) % 10
