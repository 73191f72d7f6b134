using System.Globalization;
using System.Text.Json;
using ScrapeCluster.Configuration.Hocon;

namespace ScrapeCluster.Tests.Configuration.Hocon;

/// <summary>Compares a resolved HOCON text with JSON: the meaning of a case is written as the JSON it stands for.</summary>
internal static class HoconAssert
{
    public static void Means(string hocon, string json, params (string Name, string Value)[] environment)
    {
        using var expected = JsonDocument.Parse(json);
        var actual = Resolve(hocon, environment);
        if (!AreSame(expected.RootElement, actual))
        {
            Assert.Fail($"expected {json}\nactual   {Write(actual)}\nof {hocon}");
        }
    }

    public static string Fails(string hocon, params (string Name, string Value)[] environment)
    {
        var fault = Assert.Throws<HoconException>(() => Resolve(hocon, environment));
        Assert.StartsWith($"{fault.Origin}: ", fault.Message, StringComparison.Ordinal);
        Assert.True(fault.Origin.Line > 0, fault.Message);
        return fault.Message;
    }

    public static bool AreSame(JsonElement expected, HoconValue actual) => (expected.ValueKind, actual) switch
    {
        (JsonValueKind.Object, HoconObject parent) =>
            expected.EnumerateObject().Select(field => field.Name).Distinct().Count() == parent.Fields.Count
            && expected.EnumerateObject().All(field => parent.Fields.TryGetValue(field.Name, out var value) && AreSame(field.Value, value)),
        (JsonValueKind.Array, HoconArray array) =>
            expected.GetArrayLength() == array.Items.Count && expected.EnumerateArray().Zip(array.Items).All(pair => AreSame(pair.First, pair.Second)),
        (JsonValueKind.String, HoconScalar { Kind: HoconScalarKind.String } text) => expected.GetString() == text.Text,
        (JsonValueKind.Number, HoconScalar { Kind: HoconScalarKind.Number } number) =>
            expected.GetDouble().Equals(double.Parse(number.Text, CultureInfo.InvariantCulture)),
        (JsonValueKind.True, HoconScalar { Kind: HoconScalarKind.Boolean, Text: "true" }) => true,
        (JsonValueKind.False, HoconScalar { Kind: HoconScalarKind.Boolean, Text: "false" }) => true,
        (JsonValueKind.Null, HoconScalar { Kind: HoconScalarKind.Null }) => true,
        _ => false,
    };

    public static string Write(HoconValue value) => value switch
    {
        HoconObject parent => "{" + string.Join(",", parent.Fields.Select(field => JsonSerializer.Serialize(field.Key) + ":" + Write(field.Value))) + "}",
        HoconArray array => "[" + string.Join(",", array.Items.Select(Write)) + "]",
        HoconScalar { Kind: HoconScalarKind.String } text => JsonSerializer.Serialize(text.Text),
        HoconScalar scalar => scalar.Text,
        _ => "?",
    };

    private static HoconObject Resolve(string hocon, (string Name, string Value)[] environment) =>
        HoconDocument.Parse(hocon).Resolve(name => environment.FirstOrDefault(variable => variable.Name == name).Value);
}
