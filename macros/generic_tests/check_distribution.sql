{% macro check_distribution(compare_model, shares, bins, cut_points, max_psi) %}
    {% if (compare_model is none) == (shares is none) %}
        {% do refuse_argument('compare_model or shares', 'must be given, and not both.') %}
    {% endif %}
    {% do check_relation('compare_model', compare_model) if compare_model is not none %}
    {% do check_number('max_psi', max_psi, at_least=0) %}
    {% if bins is not none %}
        {% do check_number('bins', bins, at_least=2, at_most=1000, whole=true) %}
        {% if cut_points is not none or shares is not none %}
            {% do refuse_argument('bins', 'are cut by compare_model, and go neither with cut_points nor with shares.') %}
        {% endif %}
    {% endif %}
    {% if cut_points is not none and (cut_points is string or cut_points is not sequence or not cut_points) %}
        {% do refuse_argument('cut_points', 'must be a list, in ascending order.') %}
    {% endif %}
    {% do check_shares(shares, cut_points) if shares is not none %}
{% endmacro %}
