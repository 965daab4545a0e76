using System.Text.Json;
using DeeperThings.Execution.Profiling;

namespace DeeperThings.Execution.Tests;

public sealed class LinkMeasurementLaws
{
    [Theory]
    [InlineData(100, 100, 100, 2)]
    [InlineData(100, 100, 50, 1)]
    [InlineData(500, 750, 300, 1)]
    [InlineData(400, 400, 300, 1.5)]
    [InlineData(400, 400, 150, 1)]
    [InlineData(400, 400, 450, 2)]
    public void Duplex_is_what_both_directions_at_once_carry_of_each_alone(double send, double receive, double both, double duplex) =>
        Assert.Equal(duplex, new LinkMeasurement(0, send, receive, both, 0).Duplex, 12);

    [Fact]
    public void A_link_is_as_fast_as_it_was_between_a_pair_where_the_others_together_were_too_slow_for_it()
    {
        LinkMeasurement link = new(90, 60, 120, 60, 0);
        Assert.Equal((90, 120), link.FastestBytesPerSecond);
        Assert.Equal(60 * ((1 / 90.0) + (1 / 120.0)), link.Duplex, 12);
    }

    [Fact]
    public void Json_holds_what_was_measured_and_nothing_derived_of_it() => Assert.Equal(
        ["PairBytesPerSecond", "SendBytesPerSecond", "ReceiveBytesPerSecond", "BothBytesPerSecond", "LatencySeconds"],
        JsonSerializer.SerializeToElement(new LinkMeasurement(1, 2, 3, 4, 5)).EnumerateObject().Select(property => property.Name));

    [Fact]
    public void A_rank_alone_has_no_link_and_a_duplex_that_hinders_nothing() => Assert.Equal(2, default(LinkMeasurement).Duplex);
}
