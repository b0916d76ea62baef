{% macro check_number(argument, value, at_least=none, at_most=none, whole=false) %}
    {% set lies_within = value is number and value is not boolean
        and (at_least is none or value >= at_least) and (at_most is none or value <= at_most)
        and (value is integer or not whole) %}
    {% if not lies_within %}
        {% set kind = 'a whole number' if whole else 'a number' %}
        {% set from_to = ' from ' ~ at_least ~ ' to ' ~ at_most if at_most is not none else ' of ' ~ at_least ~ ' or more' %}
        {% do refuse_argument(argument, 'must be ' ~ kind ~ from_to ~ ', and is ' ~ (value | tojson) ~ '.') %}
    {% endif %}
{% endmacro %}
