@echo off
rem SPDX-License-Identifier: BSD-2-Clause
rem Makes a database, works in it, and starts the server once more to look at what is there.
native\bin\initdb.exe -D C:\temp\db -U tester -E UTF8 --locale=C >initdb.txt 2>&1
if errorlevel 1 type initdb.txt
native\bin\postgres.exe --single -D C:\temp\db postgres <postgres.sql >first.txt 2>&1
if errorlevel 1 type first.txt
type result.txt
del result.txt
echo copy (select name, id from item where id between 19990 and 20000 order by name) to 'C:/host/result.txt'>again.sql
native\bin\postgres.exe --single -D C:\temp\db postgres <again.sql >again.txt 2>&1
if errorlevel 1 type again.txt
type result.txt
