create table item (id int primary key, name text not null)
insert into item select i, md5(i::text) from generate_series(1, 20000) i
create index on item (name)
update item set name = upper(name) where id % 3 = 0
delete from item where id % 7 = 0
vacuum full item
checkpoint
copy (select count(*), sum(id), min(name), max(name) from item) to 'C:/host/result.txt'
