update log
set
  author = iif(author = :old, :new, author),
  patch = replace(patch, :old_text, :new_text)
where author = :old
   or instr(patch, :old_text) > 0
