do $$
begin
    if exists (select from compliance.pseudonym_keys) then
        raise exception 'Pseudonyms have been made, and by which key would be forgotten. Empty compliance.pseudonym_keys first.';
    end if;
end
$$;

drop function compliance.pseudonym_pad(text);
drop function compliance.keep_protection(jsonb);
drop function compliance.restrict_to_readers(regclass);
drop function compliance.made_hash(text, text);
drop function compliance.make_lookups(regclass, text[]);
drop function compliance.lookups_of(regclass);
drop table compliance.pseudonym_keys;
drop table compliance.column_protections;
drop table compliance.protections;
