-- a row fails before anything of it is written, so nothing needs a journal to be taken back
update or fail held
set generation = ?3, leaving = ?4
where scope = ?1 and id = ?2
