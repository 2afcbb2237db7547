update log
set patch = replace(patch, :old, :new)
where instr(patch, :old) > 0
