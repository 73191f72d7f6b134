using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Model.Relabelling;

public sealed class RelabelRuleTests
{
    public static TheoryData<RelabelConfig, string> BadRules => new()
    {
        { new() { Action = RelabelAction.Replace }, "relabel configuration for replace action requires 'target_label' value" },
        { new() { Action = RelabelAction.HashMod, TargetLabel = "d" }, "relabel configuration for hashmod requires non-zero modulus" },
        { new() { Action = RelabelAction.HashMod, Modulus = 2 }, "relabel configuration for hashmod action requires 'target_label' value" },
        { new() { Action = RelabelAction.Uppercase }, "relabel configuration for uppercase action requires 'target_label' value" },
        { new() { Action = RelabelAction.KeepEqual }, "relabel configuration for keepequal action requires 'target_label' value" },
        { new() { TargetLabel = "${" }, "\"${\" is invalid 'target_label' for replace action" },
        { new() { TargetLabel = "foo${}" }, "\"foo${}\" is invalid 'target_label' for replace action" },
        { new() { Action = RelabelAction.LabelMap, Replacement = "" }, "\"\" is invalid 'replacement' for labelmap action" },
        { new() { Action = RelabelAction.Lowercase, TargetLabel = "d", Replacement = "x" }, "'replacement' can not be set for lowercase action" },
        { new() { Action = RelabelAction.DropEqual, TargetLabel = "d", Separator = "," }, "dropequal action requires only 'source_labels' and `target_label`, and no other fields" },
        { new() { Action = RelabelAction.KeepEqual, TargetLabel = "d", Regex = "x" }, "keepequal action requires only 'source_labels' and `target_label`, and no other fields" },
        { new() { Action = RelabelAction.LabelDrop, SourceLabels = ["a"] }, "labeldrop action requires only 'regex', and no other fields" },
        { new() { Action = RelabelAction.LabelKeep, Modulus = 1 }, "labelkeep action requires only 'regex', and no other fields" },
        { new() { TargetLabel = "d", Regex = "(" }, "error parsing regexp: missing closing ): `(`" },
    };

    [Theory]
    [MemberData(nameof(BadRules))]
    public void TryCompile_BadRule_IsRefusedInPrometheussWords(RelabelConfig config, string expected)
    {
        Assert.False(RelabelRule.TryCompile(config, out _, out var fault));
        Assert.Equal(expected, fault);
    }

    [Theory]
    [InlineData("-label", LabelNameRule.Legacy, false)]
    [InlineData("-label", LabelNameRule.Utf8, true)]
    [InlineData("a.b/é", LabelNameRule.Utf8, true)]
    [InlineData("a.b-$1", LabelNameRule.Utf8, true)]
    [InlineData("a.b-$1", LabelNameRule.Legacy, false)]
    public void TryCompile_TargetName_FollowsTheNameRule(string target, LabelNameRule names, bool valid)
    {
        Assert.Equal(valid, RelabelRule.TryCompile(new() { TargetLabel = target }, names, out _, out _));
    }

    [Theory]
    [InlineData("$1", "ab")]
    [InlineData("${1}", "ab")]
    [InlineData("$1x", "")]
    [InlineData("${1}x", "abx")]
    [InlineData("$name", "c")]
    [InlineData("${name}!", "c!")]
    [InlineData("$name!", "c!")]
    [InlineData("$$1", "$1")]
    [InlineData("$$$1", "$ab")]
    [InlineData("$0", "abc")]
    [InlineData("$01", "")]
    [InlineData("$9", "")]
    [InlineData("$", "$")]
    [InlineData("$-", "$-")]
    [InlineData("${1", "${1")]
    [InlineData("${}", "${}")]
    [InlineData("$é", "")]
    [InlineData("\\1", "\\1")]
    public void Apply_ReplacementTemplate_ExpandsAsGoDoes(string replacement, string expected)
    {
        var labels = new LabelsBuilder();
        labels.Set("a", "abc");
        labels.Set("d", "before");

        Assert.True(RelabelRules.Apply([Compile(new() { SourceLabels = ["a"], Regex = "(a.)(?P<name>c)", TargetLabel = "d", Replacement = replacement })], labels));
        Assert.Equal(expected, labels.Get("d"));
    }

    [Theory]
    [InlineData("baz", 1000ul, "976")]
    [InlineData("foo\nbar", 1000ul, "734")]
    public void Apply_HashMod_GivesPrometheussBucket(string value, ulong modulus, string expected)
    {
        var labels = new LabelsBuilder();
        labels.Set("c", value);

        RelabelRules.Apply([Compile(new() { Action = RelabelAction.HashMod, SourceLabels = ["c"], TargetLabel = "d", Modulus = modulus })], labels);
        Assert.Equal(expected, labels.Get("d"));
    }

    [Fact]
    public void Apply_ValuesThatAreNotUtf8_AreCopiedByteForByte()
    {
        var labels = new LabelsBuilder();
        labels.Set("a"u8, [0x61, 0xFF, 0x62]);

        RelabelRules.Apply([Compile(new() { SourceLabels = ["a"], Regex = "a(.*)", TargetLabel = "d" })], labels);
        Assert.True(labels.TryGet("d"u8, out var copied));
        Assert.Equal([0xFF, 0x62], copied.ToArray());
    }

    private static RelabelRule Compile(RelabelConfig config)
    {
        Assert.True(RelabelRule.TryCompile(config, out var rule, out var fault), fault);
        return rule;
    }
}
