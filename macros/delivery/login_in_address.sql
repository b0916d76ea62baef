{% macro login_in_address(email) -%}
    {#- 123+ann@users.noreply.github.com, and before 2017 without the number; GitLab writes 123-ann. A login on GitHub may
        itself begin with a number and a dash. -#}
    case
        when {{ matches(email, '^[0-9]+[+][^@]+@users[.]noreply[.].') }}
            then {{ login_id("split_part(" ~ email ~ ", '@users.noreply.', 2)",
                "split_part(split_part(" ~ email ~ ", '@', 1), '+', 2)") }}
        when {{ matches(email, '^[0-9]+-[^@]+@users[.]noreply[.]gitlab[.].') }}
            then {{ login_id("split_part(" ~ email ~ ", '@users.noreply.', 2)",
                "regexp_replace(split_part(" ~ email ~ ", '@', 1), '^[0-9]+-', '')") }}
        when {{ matches(email, '^[^@+]+@users[.]noreply[.].') }}
            then {{ login_id("split_part(" ~ email ~ ", '@users.noreply.', 2)", "split_part(" ~ email ~ ", '@', 1)") }}
    end
{%- endmacro %}
