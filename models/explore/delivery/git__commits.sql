{{ typed_landing('git', 'commits') }}
