using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using ScrapeCluster.Configuration.Hocon;

namespace ScrapeCluster.Tests.Configuration.Hocon;

/// <summary>"HOCON is a superset of JSON": random JSON means the same to both readers, and random rubbish is a value or a fault, never a crash.</summary>
public sealed class HoconRandomTests
{
    private static readonly Config Config = Config.QuickThrowOnFailure.WithMaxTest(400);

    private static readonly string[] Pieces =
        ["a", "b.c", "\"q\"", "\"\"\"t\"\"\"", "{", "}", "[", "]", ":", "=", "+=", ",", "\n", " ", "${a}", "${?b.c}", "${", "include", "\"x.conf\"", "#", "//", "1", "-2.5e3", "null", "$", "\\", "\"", "\0", "\u2028"];

    [Fact]
    public void Json_MeansTheSame_AsToSystemTextJson()
    {
        Check.One(Config, Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var json = RandomJson(new Random(seed));
            using var expected = JsonDocument.Parse(json);
            return HoconAssert.AreSame(expected.RootElement, HoconDocument.Parse(json).Resolve(_ => null));
        }));
    }

    [Fact]
    public void Written_AndReadAgain_IsTheSame()
    {
        Check.One(Config, Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var first = HoconAssert.Write(HoconDocument.Parse(RandomJson(new Random(seed))).Resolve(_ => null));
            return HoconAssert.Write(HoconDocument.Parse(first).Resolve(_ => null)) == first;
        }));
    }

    [Fact]
    public void AnyText_IsAValueOrAFault()
    {
        Check.One(Config.WithMaxTest(3000), Prop.ForAll(Gen.Elements(Pieces).ArrayOf().ToArbitrary(), pieces =>
        {
            try
            {
                HoconDocument.Parse(string.Concat(pieces), "random").Resolve(_ => null);
            }
            catch (HoconException fault)
            {
                Assert.StartsWith("random:", fault.Message, StringComparison.Ordinal);
            }
        }));
    }

    private static string RandomJson(Random random)
    {
        var json = new StringBuilder();
        WriteObject(json, random, 0);
        return json.ToString();
    }

    private static void WriteValue(StringBuilder json, Random random, int depth)
    {
        switch (random.Next(depth > 4 ? 5 : 7))
        {
            case 0:
                json.Append("true");
                break;
            case 1:
                json.Append("null");
                break;
            case 2:
                json.Append(random.Next(-1000, 1000));
                break;
            case 3:
                json.Append((random.NextDouble() * Math.Pow(10, random.Next(-30, 30))).ToString("R", System.Globalization.CultureInfo.InvariantCulture));
                break;
            case 4:
                WriteString(json, random);
                break;
            case 5:
                WriteList(json, random, '[', ']', () => WriteValue(json, random, depth + 1));
                break;
            default:
                WriteObject(json, random, depth + 1);
                break;
        }
    }

    private static void WriteObject(StringBuilder json, Random random, int depth)
    {
        var number = 0;
        WriteList(json, random, '{', '}', () =>
        {
            // Keys are distinct: JSON leaves the meaning of equal keys open.
            json.Append('"').Append(number++);
            WriteString(json, random, quote: false);
            json.Append('"').Append(Blank(random)).Append(':').Append(Blank(random));
            WriteValue(json, random, depth);
        });
    }

    private static void WriteList(StringBuilder json, Random random, char open, char close, Action item)
    {
        json.Append(open).Append(Blank(random));
        for (var rest = random.Next(5); rest > 0; rest--)
        {
            item();
            json.Append(Blank(random)).Append(rest > 1 ? "," : "").Append(Blank(random));
        }

        json.Append(close);
    }

    private static void WriteString(StringBuilder json, Random random, bool quote = true)
    {
        var text = new string([.. Enumerable.Range(0, random.Next(8)).Select(_ => random.Next(4) switch
        {
            0 => "\"\\/${}[]:=,+#`^?!@*&."[random.Next(21)],
            1 => (char)random.Next(1, 32),
            2 => (char)random.Next(0x80, 0xD800),
            _ => (char)random.Next('a', 'z'),
        })]);
        var written = JsonSerializer.Serialize(text);
        json.Append(quote ? written : written[1..^1]);
    }

    private static string Blank(Random random) => random.Next(6) switch
    {
        0 => " ",
        1 => "\n",
        2 => "\r\n\t",
        _ => "",
    };
}
