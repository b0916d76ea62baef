select
    id,
    email as "we""ird",
    email as "É-mail ü",
    email as "Email",
    email as "email",
    email as "null",
    email as "select"
from explore.people
