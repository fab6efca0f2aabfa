// The exported solution from C#, checked against the points in vectors.csv: x,t,u,u_x.
//
// $ cc -std=c99 -O3 -fPIC -shared solution.c -lm -o libsolution.so
// $ mcs -warnaserror+ -out:main.exe Main.cs
// $ mono main.exe vectors.csv
using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

static class Program
{
    [DllImport("./libsolution.so", CallingConvention = CallingConvention.Cdecl)]
    static extern int solution_evaluate(UIntPtr count, double[] x, double[] t, [Out] double[] u, [Out] double[] u_x);

    static int Main(string[] arguments)
    {
        var rows = File.ReadAllLines(arguments[0]).Skip(1)
            .Select(line => line.Split(',').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray())
            .ToArray();
        double[] x = rows.Select(row => row[0]).ToArray(), t = rows.Select(row => row[1]).ToArray();
        double[] u = new double[x.Length], u_x = new double[x.Length];
        if (x.Length == 0 || solution_evaluate((UIntPtr)x.Length, x, t, u, u_x) != 0)
            return 2;
        for (int p = 0; p < x.Length; p++)
            if (!(Math.Abs(u[p] - rows[p][2]) <= 1e-12 && Math.Abs(u_x[p] - rows[p][3]) <= 1e-12))
            {
                Console.WriteLine("point {0} differs: u = {1:r}, u_x = {2:r}", p, u[p], u_x[p]);
                return 1;
            }
        Console.WriteLine("{0} points are equal", x.Length);
        return 0;
    }
}
