"""The functions that a question may use: an allow-list, so that what an engine adds later is refused until it is read.

Left out on purpose: whatever reads files, settings, variables, logs or the catalog, runs text as SQL, sleeps,
draws on sequences, raises errors at will, or shows the statistics of stored segments.
"""

from __future__ import annotations

import re

_AGGREGATE = """
any_value approx_count_distinct approx_quantile approx_top_k arbitrary arg_max arg_max_null arg_max_nulls_last arg_min
arg_min_null arg_min_nulls_last argmax argmin array_agg avg bit_and bit_or bit_xor bitstring_agg bool_and bool_or corr
count count_if count_star countif covar_pop covar_samp entropy favg first fsum geomean geometric_mean group_concat
grouping grouping_id histogram histogram_exact kahan_sum kurtosis kurtosis_pop last list listagg lttb mad max max_by
mean median min min_by mode product quantile quantile_cont quantile_disc regr_avgx regr_avgy regr_count regr_intercept
regr_r2 regr_slope regr_sxx regr_sxy regr_syy reservoir_quantile sem skewness stddev stddev_pop stddev_samp string_agg
sum sum_no_overflow sumkahan var_pop var_samp variance wavg weighted_avg
"""
_WINDOW = """
cume_dist dense_rank fill first_value lag last_value lead nth_value ntile percent_rank rank rank_dense row_number
"""
_NUMBER = """
abs acos acosh add asin asinh atan atan2 atanh bar bin binom bit_count bit_length bit_position bitstring cbrt ceil
ceiling cos cosh cot degrees divide equi_width_bins even exp factorial fdiv floor fmod gamma gcd get_bit
greatest greatest_common_divisor hash is_histogram_other_bin isfinite isinf isnan lcm least least_common_multiple
lgamma ln log log10 log2 mod multiply nextafter pi pow power radians random round round_even roundbankers set_bit
setseed sign signbit sin sinh sqrt subtract tan tanh to_base trunc xor
"""
_TEXT = """
ascii array_to_string array_to_string_comma_default base64 char_length character_length chr concat concat_ws contains
damerau_levenshtein decode editdist3 encode ends_with format format_bytes formatreadabledecimalsize formatreadablesize
from_base64 from_binary from_hex hamming hex ilike_escape instr jaccard jaro_similarity jaro_winkler_similarity lcase
left left_grapheme len length length_grapheme levenshtein like_escape lower lpad ltrim md5 md5_number
md5_number_lower md5_number_upper mismatches nfc_normalize not_ilike_escape not_like_escape octet_length ord overlay
parse_dirname parse_dirpath parse_filename parse_formatted_bytes parse_path pg_size_pretty position prefix printf
regexp_escape regexp_extract regexp_extract_all regexp_full_match regexp_matches regexp_replace regexp_split_to_array
regexp_split_to_table repeat replace reverse right right_grapheme rpad rtrim sha1 sha256 split split_part starts_with
str_split str_split_regex string_split string_split_regex string_to_array strip_accents strlen strpos substr substring
substring_grapheme suffix to_base64 to_binary to_hex translate trim ucase unbin unhex unicode upper url_decode
url_encode
"""
_TIME = """
age ago century current_date current_localtime current_localtimestamp date_add date_diff date_part date_sub date_trunc
datediff datepart datesub datetrunc day dayname dayofmonth dayofweek dayofyear days_in_month decade epoch epoch_ms
epoch_ns epoch_us era get_current_time get_current_timestamp hour isodow isoyear julian last_day make_date make_time
make_timestamp make_timestamp_ms make_timestamp_ns make_timestamptz microsecond millennium millisecond minute month
monthname nanosecond normalized_interval now quarter second strftime strptime time_bucket timezone timezone_hour
timezone_minute to_centuries to_days to_decades to_hours to_microseconds to_millennia to_milliseconds to_minutes
to_months to_quarters to_seconds to_timestamp to_weeks to_years today transaction_timestamp try_strptime week weekday
weekofyear year yearweek current_time current_timestamp localtime localtimestamp
"""
_LIST = """
aggregate apply array_aggr array_aggregate array_append array_apply array_cat array_concat array_contains
array_cosine_distance array_cosine_similarity array_cross_product array_distance array_distinct array_dot_product
array_extract array_filter array_grade_up array_has array_has_all array_has_any array_indexof array_inner_product
array_intersect array_length array_negative_dot_product array_negative_inner_product array_pop_back array_pop_front
array_position array_prepend array_push_back array_push_front array_reduce array_resize array_reverse
array_reverse_sort array_select array_slice array_sort array_transform array_unique array_value array_where array_zip
cardinality combine element_at filter finalize flatten generate_series generate_subscripts grade_up list_aggr
list_aggregate list_any_value list_append list_apply list_approx_count_distinct list_avg list_bit_and list_bit_or
list_bit_xor list_bool_and list_bool_or list_cat list_concat list_contains list_cosine_distance
list_cosine_similarity list_count list_distance list_distinct list_dot_product list_element list_entropy list_extract
list_filter list_first list_grade_up list_has list_has_all list_has_any list_histogram list_indexof
list_inner_product list_intersect list_kurtosis list_kurtosis_pop list_last list_mad list_max list_median list_min
list_mode list_negative_dot_product list_negative_inner_product list_pack list_position list_prepend list_product
list_reduce list_resize list_reverse list_reverse_sort list_select list_sem list_skewness list_slice list_sort
list_stddev_pop list_stddev_samp list_string_agg list_sum list_transform list_unique list_value list_var_pop
list_var_samp list_where list_zip map map_concat map_contains map_contains_entry map_contains_value map_entries
map_extract map_extract_value map_from_entries map_keys map_values range reduce row struct_concat struct_contains
struct_extract struct_extract_at struct_has struct_indexof struct_insert struct_keys struct_pack struct_position
struct_update struct_values union_extract union_tag union_value unnest unpivot_list
"""
_JSON = """
array_to_json from_json from_json_strict json json_array json_array_length json_contains json_exists json_extract
json_extract_path json_extract_path_text json_extract_string json_group_array json_group_object json_group_structure
json_keys json_merge_patch json_object json_pretty json_quote json_structure json_transform json_transform_strict
json_type json_valid json_value row_to_json to_json json_normalize json_strip_nulls json_deep_merge json_insert
json_merge_patch_diff json_remove json_replace json_set variant_array_length variant_contains variant_exists
variant_extract variant_extract_string variant_group_array variant_group_object variant_keys variant_normalize
variant_type variant_typeof
"""
#: shapes; texts and bytes of them, and nothing that looks for files
_SHAPE = """
st_asbinary st_asgeojson st_astext st_aswkb st_aswkt st_crs st_geomfromgeojson st_geomfromwkb st_intersects_extent
st_setcrs
"""
#: where the question stands, which every question may know of itself: names, versions and constants for clients that ask
_SELF = """
current_catalog current_database current_query current_role current_schema current_schemas current_user in_search_path
session_user user
"""
_OTHER = """
alias can_cast_implicitly coalesce constant_or_null enum_code enum_first enum_last enum_range enum_range_boundary
gen_random_uuid if ifnull nullif operator switch try typeof pg_typeof uuid uuid_extract_timestamp uuid_extract_version
uuidv4 uuidv7 version construct_array remap_struct cast_to_type get_type make_type replace_type decimal_average
decimal_division timetz_byte_comparable bitstring_byte_comparable icu_sort_key hive_partition_component
path_join format_type format_pg_type map_to_pg_oid
"""
#: what operators, casts and syntax become in the tree
_SYNTAX = """
!__postfix !~~ !~~* !~ ~ ~* !~* ~~ ~~* ~~~ !~~~ % & && * ** + - ->> -> / // <-> << <=> <@ >> @ @> ^ ^@ | || != < <= = >
>= <> __between __cast is_distinct_from array_construct date_trunc
"""

#: functions that yield a value
SCALAR: frozenset[str] = frozenset(
    " ".join((_AGGREGATE, _WINDOW, _NUMBER, _TEXT, _TIME, _LIST, _JSON, _SHAPE, _SELF, _OTHER, _SYNTAX)).split()
) | {"is distinct from", "is not distinct from"}
#: orders of text by language: collate_de, icu_collate_fr_ca
_COLLATIONS = re.compile(r"(icu_)?collate_[a-z]{2,8}(_[a-z]{2})?")


def is_scalar(name: str) -> bool:
    """Whether a function that yields a value is possible; the name is in lower case."""
    return name in SCALAR or _COLLATIONS.fullmatch(name) is not None


#: functions that yield rows
TABLE: frozenset[str] = frozenset(
    [
        "generate_series",
        "generate_subscripts",
        "icu_calendar_names",
        "json_each",
        "json_tree",
        "pg_timezone_names",
        "range",
        "regexp_split_to_table",
        "unnest",
    ]
)

#: functions that yield rows about a table whose name they take as a text: the name is looked at like that of a table
OF_TABLE: frozenset[str] = frozenset(["histogram", "histogram_values"])

#: settings that say how the answer is to be read, and nothing of the machine
SETTINGS: frozenset[str] = frozenset(
    [
        "calendar",
        "default_collation",
        "default_null_order",
        "default_order",
        "integer_division",
        "timezone",
    ]
)

#: functions that list what the database holds: not with a scenario filter, for they count rows of every scenario
CATALOG: frozenset[str] = frozenset(
    [
        "duckdb_columns",
        "duckdb_constraints",
        "duckdb_functions",
        "duckdb_keywords",
        "duckdb_schemas",
        "duckdb_tables",
        "duckdb_types",
        "duckdb_views",
        "pragma_table_info",
        "pragma_version",
    ]
)

#: views of the catalog that say nothing about rows
INFORMATION_SCHEMA: frozenset[str] = frozenset(["columns", "schemata", "tables"])
