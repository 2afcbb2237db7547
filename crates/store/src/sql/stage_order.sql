select stage.id as id
from stage
left join pipeline on pipeline.id = stage.pipeline
order by pipeline.position, stage.position
