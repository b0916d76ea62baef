{% macro refusals(what) %}
    {{ return({
        'grants': "dbt applies grants after the hooks that protect a relation, so they could show what those hide. "
            "Readers get their rights on the views in navigate.",
        'store_failures': "dbt makes tables of failed rows outside of the hooks that protect a relation, "
            "so they would hold unprotected copies. Run the test's compiled SQL instead.",
        'quality_dimension': "its config.meta.quality_dimension must be one of "
            ~ quality_dimensions() | join(', ') ~ ".",
        'anomalies': "its config.meta.quality.anomalies must give metrics the severity error, warn or off; metrics are "
            ~ measured_metrics() | join(', ') ~ ".",
        'weight': "its config.meta.weight must be a number above 0.",
    }[what]) }}
{% endmacro %}
