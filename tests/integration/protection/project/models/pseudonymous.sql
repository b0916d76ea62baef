select
    id,
    email,
    {{ pseudonym('email') }} as email_pseudonym
from explore.people
