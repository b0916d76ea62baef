select * from explore.people
