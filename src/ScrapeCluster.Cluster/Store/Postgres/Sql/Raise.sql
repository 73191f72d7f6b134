update scrapecluster.clusters set assignment_version = @version, removed_at = case when @removes then @version else removed_at end where cluster = @cluster
