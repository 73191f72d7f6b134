-- The commit's door: no other commit and no new leader gets past this row before the transaction ends.
select leader_epoch, assignment_version from scrapecluster.clusters where cluster = @cluster for update
