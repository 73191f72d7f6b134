namespace ScrapeCluster.Configuration;

/// <summary>The kinds of discovery by the name in their key (<c>consul</c> of <c>consul_sd_configs</c>).</summary>
public static class SdKinds
{
    /// <summary>Kinds that targets can come from today; jobs with another kind are refused at start, or skipped when asked to.</summary>
    public static readonly ValueList<string> Built = ["static", "file", "http"];

    /// <summary>Every kind that Prometheus 3 accepts, <c>static</c> aside.</summary>
    public static readonly ValueList<string> Known =
    [
        "aws", "azure", "consul", "digitalocean", "dns", "docker", "dockerswarm", "ec2", "ecs", "elasticache", "eureka", "file", "gce", "hetzner",
        "http", "ionos", "kubernetes", "kuma", "lightsail", "linode", "marathon", "msk", "nerve", "nomad", "oci", "openstack", "outscale",
        "ovhcloud", "puppetdb", "rds", "scaleway", "serverset", "stackit", "triton", "uyuni", "vultr",
    ];
}
