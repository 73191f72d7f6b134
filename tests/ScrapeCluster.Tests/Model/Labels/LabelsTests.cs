using System.Text;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Model.LabelSets;

public sealed class LabelsTests
{
    public static TheoryData<string, string, ulong> Hashes => new()
    {
        { "", "", 17241709254077376921 },
        { "a", "b", 16273691451497933585 },
        { "k", new string('v', 300), 12905300864970456645 },
    };

    /// <summary>Computed apart from this code, by a second implementation.</summary>
    [Theory]
    [MemberData(nameof(Hashes))]
    public void Hash_OneLabel_IsThatOfTheReference(string name, string value, ulong expected)
    {
        Assert.Equal(expected, Labels.Of((name, value)).Hash());
    }

    [Fact]
    public void Hash_LengthsAroundTheLongForm_IsThatOfTheReference()
    {
        Assert.Equal(2798711915431967738ul, Labels.Of(("__name__", "up"), ("z", new string('y', 255)), ("job", new string('x', 254))).Hash());
    }

    [Fact]
    public void Of_NamesInAnyOrder_AreSortedByBytes()
    {
        // By UTF-16 units the emoji, a surrogate pair, would come before U+E000.
        var labels = Labels.Of(("😀", "1"), ("\uE000", "2"), ("b", "3"), ("B", "4"), ("a", ""), ("_", "5"));

        Assert.Equal(["B", "_", "b", "\uE000", "😀"], labels.ToPairs().Select(pair => pair.Key));
    }

    [Fact]
    public void ToLabels_RandomSets_RoundTripThroughThePackedForm()
    {
        var random = new Random(6);
        for (var round = 0; round < 500; round++)
        {
            var expected = new SortedDictionary<string, string>(Utf8Order.Instance);
            var builder = new LabelsBuilder();
            for (var i = 0; i < random.Next(40); i++)
            {
                var (name, value) = ($"n{random.Next(30)}", new string('v', random.Next(4) == 0 ? random.Next(250, 260) : random.Next(3)));
                builder.Set(name, value);
                expected.Remove(name);
                if (value.Length > 0)
                {
                    expected[name] = value;
                }
            }

            var labels = builder.ToLabels();
            Assert.Equal(expected, labels.ToPairs());
            Assert.Equal(expected.Count, labels.Count);
            Assert.Equal(labels, Labels.Of([.. expected.Reverse().Select(pair => (pair.Key, pair.Value))]));
        }
    }

    [Fact]
    public void Set_ValueBorrowedFromTheSameBuilder_SurvivesGrowth()
    {
        var builder = new LabelsBuilder();
        builder.Set("a", new string('x', 400));
        for (var i = 0; i < 50; i++)
        {
            Assert.True(builder.TryGet("a"u8, out var borrowed));
            builder.Set(Encoding.UTF8.GetBytes($"b{i}"), borrowed);
        }

        Assert.Equal(new string('x', 400), builder.Get("b49"));
        Assert.Equal(51, builder.ToLabels().Count);
    }

    [Fact]
    public void ToLabels_BuilderUsedAgain_LeavesTheSetAlone()
    {
        var builder = new LabelsBuilder();
        builder.Set("a", "1");
        var labels = builder.ToLabels();
        builder.Set("a", "2");
        builder.Clear();
        builder.Set("b", "3");

        Assert.Equal("{a=\"1\"}", labels.ToString());
    }

    /// <summary>What Go's strconv.Quote gives.</summary>
    [Theory]
    [InlineData("plain é 日本 😀", "\"plain é 日本 😀\"")]
    [InlineData("\"\\", "\"\\\"\\\\\"")]
    [InlineData("\a\b\f\n\r\t\v", "\"\\a\\b\\f\\n\\r\\t\\v\"")]
    [InlineData("\0\u001b\u007f", "\"\\x00\\x1b\\x7f\"")]
    [InlineData("\u0080\u00a0\u00ad\u2028\ufeff", "\"\\u0080\\u00a0\\u00ad\\u2028\\ufeff\"")]
    [InlineData("\U000E0001\uE000", "\"\\U000e0001\\ue000\"")]
    public void Quote_AnyText_IsWrittenAsGoDoes(string value, string expected)
    {
        Assert.Equal(expected, LabelText.Quote(value));
    }

    [Fact]
    public void ToString_NameThatIsNotLegacy_IsQuoted()
    {
        Assert.Equal("{\"1a\"=\"x\", _b=\"y\", \"c.d\"=\"z\"}", Labels.Of(("1a", "x"), ("_b", "y"), ("c.d", "z")).ToString());
    }
}
