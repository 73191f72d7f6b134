insert into scrapecluster.events (cluster, at, kind, subject, detail, node, epoch)
select @cluster, clock_timestamp(), kind, subject, detail, node, epoch
from unnest(@kinds, @subjects, @details, @nodes, @epochs) as row (kind, subject, detail, node, epoch)
;
-- The last ten thousand or so are kept: ids are shared by all clusters of the database.
delete from scrapecluster.events where cluster = @cluster and id < (select max(id) from scrapecluster.events) - 10000
