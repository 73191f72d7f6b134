using System.Numerics;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Configuration.Prometheus;

/// <summary>Random durations against the grammar, and damaged files, which must give faults and never an exception.</summary>
public sealed partial class ConfigRandomTests
{
    private const string Sound = """
        global: {scrape_interval: 1h30m, external_labels: {a: "b\x41", c: $X}, body_size_limit: 15MB}
        scrape_config_files: [none/*.yml]
        rule_files: ['a/*.yml']
        scrape_configs:
          - &job
            job_name: a
            params: {'match[]': [x, "y"]}
            basic_auth: {username: u, password: p}
            tls_config: {ca_file: ca.pem, min_version: TLS12}
            relabel_configs:
              - {source_labels: [a, b], regex: "(.*);x{2,3}", target_label: c, replacement: '${1}'}
              - {action: hashmod, modulus: 8, target_label: d, source_labels: [e]}
            static_configs: [{targets: ['h:1', 'h:2'], labels: {x: !!binary YQ==}}]
          - <<: *job
            job_name: b
            http_sd_configs: [{url: "http://h/", refresh_interval: 30s}]
            kubernetes_sd_configs: [{role: pod}]
        remote_write:
          - {url: 'http://u:p@w/', headers: {a: b}, queue_config: {max_shards: 0x10}}
        """;

    [Fact]
    public void Duration_OfGrammarsShape_IsReadExactlyWhenTheGrammarAllowsIt()
    {
        var piece = Gen.Elements("0", "1", "5", "12", "y", "w", "d", "h", "m", "s", "ms", ".", "-", " ", "M");
        var text = piece.ListOf().Select(pieces => string.Concat(pieces));
        Prop.ForAll(text.ToArbitrary(), one => PromDuration.TryParse(one, out _, out _) == (one == "0" || (one.Length > 0 && IsOfGrammar(one))))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Theory]
    [InlineData("292y", true)]
    [InlineData("293y", false)]
    [InlineData("9223372036854ms", true)]
    [InlineData("9223372036855ms", false)]
    [InlineData("512y", false)]
    public void Duration_BeyondNanosecondsIn64Bits_IsRefused(string text, bool isRead)
    {
        Assert.Equal(isRead, PromDuration.TryParse(text, out _, out var fault));
        Assert.Equal(isRead ? null : "duration out of range", fault);
        Assert.Equal(isRead, IsOfGrammar(text));
    }

    [Fact]
    public void Duration_Formatted_ReadsBack()
    {
        Prop.ForAll(Gen.Choose(0, int.MaxValue).Select(number => TimeSpan.FromMilliseconds((long)number * (number % 977))).ToArbitrary(), value =>
            PromDuration.TryParse(PromDuration.Format(value), out var again, out _) && again == value)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void Parse_DamagedFile_GivesFaultsOrAConfigurationNeverAnException()
    {
        Assert.Empty(PrometheusConfigFile.Parse(Sound, "/etc/p/prometheus.yml").Faults);
        var random = new Random(1);
        for (var round = 0; round < 3000; round++)
        {
            var text = Damage(Sound, random);
            var result = PrometheusConfigFile.Parse(text, "/etc/p/prometheus.yml");
            Assert.True(result.Config is null == result.Faults.Count > 0, text);
        }
    }

    private static string Damage(string text, Random random)
    {
        const string Odd = "{}[]:,-#&*!|>'\"%@`\n\t ?0\0\u00ff\\~<=";
        var chars = text.ToList();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var at = random.Next(chars.Count);
            switch (random.Next(4))
            {
                case 0:
                    chars.RemoveRange(at, Math.Min(random.Next(1, 30), chars.Count - at));
                    break;
                case 1:
                    chars.Insert(at, Odd[random.Next(Odd.Length)]);
                    break;
                case 2:
                    chars[at] = Odd[random.Next(Odd.Length)];
                    break;
                default:
                    chars.InsertRange(at, chars.GetRange(at / 2, Math.Min(40, chars.Count - (at / 2))));
                    break;
            }
        }

        return string.Concat(chars);
    }

    /// <summary>Of the grammar's shape, and no longer than nanoseconds in 64 bits can say.</summary>
    private static bool IsOfGrammar(string text)
    {
        long[] units = [31_536_000_000, 604_800_000, 86_400_000, 3_600_000, 60_000, 1000, 1];
        var match = Grammar().Match(text);
        var sum = BigInteger.Zero;
        foreach (var (number, unit) in match.Groups.Values.Skip(1).Zip(units))
        {
            sum += number.Success ? BigInteger.Parse(number.Value, null) * unit : 0;
        }

        return match.Success && sum * 1_000_000 <= long.MaxValue;
    }

    [GeneratedRegex(@"\A(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?\z")]
    private static partial Regex Grammar();
}
