-- What the generic tests look at (cases in project/models/). Times of arrivals hang on the clock, all else is fixed.
create schema cases;

create table cases.people (
    n integer, joined_on date, email text, uid text, country text, currency text, score integer, team text
) partition by range (joined_on);
create table cases.people_2024 partition of cases.people for values from ('2024-01-01') to ('2025-01-01');
create table cases.people_2025 partition of cases.people for values from ('2025-01-01') to ('2026-01-01');
insert into cases.people values
(1, '2024-01-10', 'ada@example.org', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'DE', 'EUR', 0, 'a'),
(2, '2024-02-10', 'b.c+d@mail.example.co.uk', '6BA7B810-9DAD-11D1-80B4-00C04FD430C8', 'FR', 'XCG', 10, 'a'),
(3, '2024-03-10', 'Léa.O''Brien_1@a-b.exämple', '00000000-0000-0000-0000-000000000000', 'SS', 'XXX', 5, 'b'),
(4, '2024-04-10', 'x@1.de', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'GB', 'ZWG', 5, 'b'),
(5, '2024-05-10', null, null, null, null, null, null),
(6, '2025-01-10', 'nobody@localhost', '6ba7b8109dad11d180b400c04fd430c8', 'UK', 'BGN', -1, 'a'),
(7, '2025-02-10', 'a@b@example.org', '6ba7b81--9dad-11d1-80b4-00c04fd430c8', 'de', 'eur', 11, 'c'),
(8, '2025-03-10', 'x@-a.org', '6ba7b810-9dad-11d1-80b4-00c04fd430c8 ', 'XK', '€', 5, 'c'),
(9, '2025-04-10', E'a@example.org\n', '6ba7b81g-9dad-11d1-80b4-00c04fd430c8', '', '', 10, 'c'),
(10, '2025-05-10', null, null, null, null, null, null);

create table cases.nobody (like cases.people);

create table cases.people_but_one as
select * from cases.people
where n < 10;

create table cases.teams (code text);
insert into cases.teams values ('a'), ('b'), ('b'), (null);

create table cases.bookings (room text, starts_at integer, ends_at integer) partition by list (room);
create table cases.bookings_of_a partition of cases.bookings for values in ('a');
create table cases.bookings_of_others partition of cases.bookings default;
insert into cases.bookings values
('a', 1, 5), ('a', 5, 9), ('a', 9, null),
-- The first one covers both of the others.
('b', 1, 10), ('b', 2, 3), ('b', 4, 5),
-- A gap.
('c', 1, 2), ('c', 4, 5),
-- Empty; without a beginning.
('d', 3, 3), ('d', null, 4),
-- The first one never ends.
('e', 1, null), ('e', 7, 8),
-- No room is a room.
(null, 1, 2), (null, 1, 2);

create table cases.versions (
    thing text, valid_from timestamptz, valid_to timestamptz, is_current boolean, prev_to timestamptz
);
insert into cases.versions values
('good', '2024-01-01', '2024-01-02', false, null),
('good', '2024-01-02', '2024-01-03', false, '2024-01-02'),
('good', '2024-01-05', null, true, '2024-01-03'),
('overlapping', '2024-01-01', '2024-01-04', false, null),
('overlapping', '2024-01-02', null, true, '2024-01-04'),
('current twice', '2024-01-01', null, true, null),
('current twice', '2024-01-02', null, true, null),
('of no time', '2024-01-05', '2024-01-05', false, null),
('not current', '2024-01-01', '2024-01-02', true, null),
('unknown whether current', '2024-01-01', '2024-01-02', null, null),
('chain is broken', '2024-01-01', '2024-01-02', false, null),
('chain is broken', '2024-01-02', '2024-01-03', false, null),
(null, '2024-01-01', '2024-01-02', false, null),
('without a beginning', null, '2024-01-02', false, null);

create table cases.numbers (series text, number integer, day date) partition by hash (series);
create table cases.numbers_0 partition of cases.numbers for values with (modulus 2, remainder 0);
create table cases.numbers_1 partition of cases.numbers for values with (modulus 2, remainder 1);
insert into cases.numbers values
('a', 1, '2024-02-28'), ('a', 2, '2024-02-29'), ('a', 3, '2024-03-01'),
('gap', 1, '2024-01-01'), ('gap', 2, '2024-01-02'), ('gap', 4, '2024-01-04'),
('twice', 5, '2024-01-01'), ('twice', 5, '2024-01-01'), ('twice', null, null),
('by two', 2, '2024-01-01'), ('by two', 4, '2024-02-01'), ('by two', 6, '2024-03-01');

create table cases.arrivals (feed text, arrived_at timestamptz);
insert into cases.arrivals values
('on time', now() - interval '1 hour'), ('on time', null),
('late', now() - interval '3 days'),
('with a wrong clock', now() + interval '1 day'), ('with a wrong clock', now() - interval '5 days'),
('without times', null),
(null, now() - interval '1 hour');

create table cases.sales_before as
select
    case when n <= 60 then 'web' else 'shop' end as channel,
    n as amount
from generate_series(1, 100) as n;

create table cases.sales_now (channel text, amount numeric) partition by range (amount);
create table cases.sales_now_low partition of cases.sales_now for values from (minvalue) to (40);
create table cases.sales_now_high partition of cases.sales_now for values from (40) to (maxvalue);
insert into cases.sales_now
select
    case when n % 2 = 0 then 'web' else 'shop' end as channel,
    n as amount
from generate_series(1, 100) as n;

-- Half of the channels are missing, and the amounts have risen.
create table cases.sales_shifted as
select
    case when n % 4 = 1 then 'web' when n % 4 = 3 then 'shop' end as channel,
    n + 50 as amount
from generate_series(1, 100) as n;

create table cases.landed (batch integer, amount numeric);
create table cases.accepted (like cases.landed);
create table cases.refused (batch integer, refused_amount numeric, is_copy boolean);
insert into cases.landed values (1, 10), (1, 20), (1, 30), (2, 5), (2, null), (null, 1);
insert into cases.accepted values (1, 10), (1, 20), (2, 5), (2, null), (null, 1);
insert into cases.refused values (1, 30, false), (2, 0.5, true);

create table cases.typed (
    id bigint, price numeric(18, 2), "At" timestamp(3) with time zone, tags text[], code varchar(5), dropped text
);
alter table cases.typed drop column dropped;

create table cases.dimension (
    version_key uuid, member text, valid_from timestamptz, valid_to timestamptz
) partition by list (member);
create table cases.dimension_members partition of cases.dimension default;
insert into cases.dimension values
('00000000-0000-0000-0000-000000000000', '', '1970-01-01', '1970-01-01 00:00:00.000001'),
('00000000-0000-0000-0000-00000000000a', 'a', '2024-01-01', '2024-02-01'),
('00000000-0000-0000-0000-00000000000b', 'a', '2024-02-01', null);

create table cases.facts (n integer, member text, at timestamptz, version_key uuid);
insert into cases.facts values
(1, 'a', '2024-01-15', '00000000-0000-0000-0000-00000000000a'),
(2, 'a', '2024-02-15', '00000000-0000-0000-0000-00000000000b'),
(3, 'a', '2023-02-15', '00000000-0000-0000-0000-000000000000'),
(4, 'b', '2024-02-15', '00000000-0000-0000-0000-000000000000'),
(5, 'a', null, '00000000-0000-0000-0000-000000000000'),
-- Of another time; a placeholder where a version was; of nothing.
(6, 'a', '2024-02-15', '00000000-0000-0000-0000-00000000000a'),
(7, 'a', '2024-02-15', '00000000-0000-0000-0000-000000000000'),
(8, 'a', '2024-02-15', null);

create table cases.history__events (thing text);
create table cases.history__rejected (thing text);
create table cases.clean__events (thing text);
create table cases.clean__rejected (thing text);
insert into cases.history__events values ('a'), ('b');
insert into cases.history__rejected values (null);
insert into cases.clean__events values ('a');
